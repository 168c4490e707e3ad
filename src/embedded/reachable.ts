import got from 'got';

const REACH_LIMIT_MS = 5000;

/** Throws within 5 s when a download host does not answer at all, where a downloader itself might hang for minutes. */
export async function assertReachable(url: string): Promise<void> {
  await got.head(url, {
    timeout: { request: REACH_LIMIT_MS },
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
  });
}
