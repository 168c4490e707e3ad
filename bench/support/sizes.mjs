/** True if a part is to run with any size below its full one: its figures are then not compared with its goals. */
export function isSmaller(part, sizes) {
  return Object.entries(part.sizes).some(([name, { full }]) => sizes[name] < full);
}
