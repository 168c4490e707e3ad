/**
 * Returns the option to read up to this many documents with one request: unless asked, a server sends 101 first. It is
 * one more than there can be, because a server that has just sent all it was asked for keeps a cursor open.
 */
export function inOneAnswer(documents: number): { readonly batchSize: number } {
  return { batchSize: documents + 1 };
}
