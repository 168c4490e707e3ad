/** Room in memory for the body of one answer. The caller of a request shares it out, and takes it back. */
export interface BodyRoom {
  /** Waits for the room of a body whose length the server states. @throws the reason of an aborted wait */
  reserve(bytes: number): Promise<void>;
  /** Waits until so many bytes of the body may be in memory. @throws the reason of an aborted wait */
  hold(bytes: number): Promise<void>;
  /** Gives back room beyond the body, which is complete. */
  settle(bytes: number): void;
}
