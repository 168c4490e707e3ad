/** Groups things that are linked, by their names. */
export class DisjointSets {
  readonly #parents = new Map<string, string>();

  /** The name that stands for the group of `name`; equal for all of a group once all links are made. */
  groupOf(name: string): string {
    let current = name;
    let parent = this.#parents.get(current);
    while (parent !== undefined) {
      const grandparent = this.#parents.get(parent) ?? parent;
      this.#parents.set(current, grandparent);
      current = grandparent;
      parent = this.#parents.get(current);
    }
    return current;
  }

  link(a: string, b: string): void {
    const groupOfA = this.groupOf(a);
    const groupOfB = this.groupOf(b);
    if (groupOfA !== groupOfB) this.#parents.set(groupOfA, groupOfB);
  }
}
