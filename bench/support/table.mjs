/** The results as a Markdown table, which is also what a terminal shows. */

const COLUMNS = ['what', 'value', 'unit', 'ratio', 'goal', 'met'];

/** Returns the table of results. */
export function table(results) {
  const rows = results.map((result) => [
    result.name,
    numberText(result.value),
    result.unit ?? '',
    numberText(result.ratio),
    result.goal ?? '',
    metText(result),
  ]);
  const widths = COLUMNS.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(COLUMNS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function metText({ goal, ok }) {
  if (ok !== null) return ok ? 'yes' : 'no';
  return goal === null ? '' : 'not judged';
}

function numberText(number) {
  return number === null ? '' : number.toLocaleString('en');
}
