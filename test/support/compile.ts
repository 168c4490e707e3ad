import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';

/** Compiles a program to `reader.js` in a folder, with the packages of that folder; returns the compiler's messages. */
export async function compile(folder: string, source: string): Promise<string[]> {
  const file = join(folder, 'reader.ts');
  await writeFile(file, source);
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    verbatimModuleSyntax: true,
    types: [],
    outDir: folder,
  });
  program.emit();
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
