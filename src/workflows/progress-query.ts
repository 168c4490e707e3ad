/** The query every long-running workflow answers with its progress. */
export const PROGRESS_QUERY = 'progress';
