import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

type Interceptor = ReturnType<typeof makeGrpcRetryInterceptor>;
type NextCall = Parameters<Interceptor>[1];
type RetryOptions = Parameters<typeof makeGrpcRetryInterceptor>[0];
type FailedStatus = Parameters<RetryOptions['retryableDecider']>[1];

/**
 * Retries as the SDK does until the connection closes. A request that waits for its next attempt then fails as its last
 * attempt did; the SDK would make that attempt on the closed connection, which throws an error that nothing can catch.
 */
export function retryUnless(isClosing: () => boolean): Interceptor {
  const retry = defaultGrpcRetryOptions();
  return (options, nextCall) => {
    let failed: FailedStatus | null = null;
    const retryableDecider: RetryOptions['retryableDecider'] = (attempt, status) => {
      failed = status;
      return !isClosing() && retry.retryableDecider(attempt, status);
    };
    const attempt: NextCall = (attemptOptions) =>
      failed !== null && isClosing() ? failedCall(failed) : nextCall(attemptOptions);
    return makeGrpcRetryInterceptor({ ...retry, retryableDecider })(options, attempt);
  };
}

/** Returns a request that is never made: it ends with this status when it starts. */
function failedCall(status: FailedStatus): ReturnType<NextCall> {
  const nothing = (): void => undefined;
  return {
    start: (_metadata, listener) => {
      listener?.onReceiveStatus?.(status);
    },
    cancelWithStatus: nothing,
    getPeer: () => '',
    sendMessage: nothing,
    sendMessageWithContext: nothing,
    startRead: nothing,
    halfClose: nothing,
    getAuthContext: () => null,
  };
}
