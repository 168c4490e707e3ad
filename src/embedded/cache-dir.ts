import envPaths from 'env-paths';

/**
 * Where fetched server programs are kept for every later start: `~/.cache/callweave` or what the system uses instead.
 */
export const defaultCacheDir: string = envPaths('callweave', { suffix: '' }).cache;
