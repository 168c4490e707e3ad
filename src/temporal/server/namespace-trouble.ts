import { isGrpcServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { concernsSearchAttributes, registrationCommand } from './search-attributes.js';

/** What is wrong with the namespace and what to do about it, if that is what made a request fail; else null. */
export function namespaceTrouble(
  error: unknown,
  { address, namespace }: { address: string; namespace: string },
): Error | null {
  if (isNamespaceUnknown(error)) {
    return new Error(
      `Temporal at ${address} has no namespace ${namespace}: check TEMPORAL_NAMESPACE, or make it with ` +
        `\`temporal operator namespace create --namespace ${namespace}\``,
    );
  }
  if (!(error instanceof Error)) return null;
  if (!isGrpcServiceError(error)) return namespaceTrouble(error.cause, { address, namespace });
  if (!concernsSearchAttributes(error.details)) return null;
  return new Error(
    `the namespace ${namespace} does not have callweave’s search attributes yet: \`callweave schedule apply\` registers ` +
      `them, as a worker does when it starts, or an administrator with \`${registrationCommand(namespace)}\` ` +
      `(Temporal said: ${error.details})`,
  );
}

function isNamespaceUnknown(error: unknown): boolean {
  if (error instanceof NamespaceNotFoundError) return true;
  return isGrpcServiceError(error) && /^namespace \S+ (is )?not found/i.test(error.details);
}
