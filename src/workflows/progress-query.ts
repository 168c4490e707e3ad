import type { QueryDefinition } from '@temporalio/common';

/** The query every long-running workflow answers with its progress. The client knows it too, hence no `defineQuery`. */
export function progressQuery<Progress>(): QueryDefinition<Progress> {
  return { type: 'query', name: 'progress' } as QueryDefinition<Progress>;
}
