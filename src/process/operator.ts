import { hostname, userInfo } from 'node:os';

/** Returns the user and the machine that run this program, as `user@host`. */
export function operatorName(): string {
  return `${userName()}@${hostname()}`;
}

/** Returns the user's name, or the user id if it has no name, which happens in containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
