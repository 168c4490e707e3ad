import { isLoopbackHost } from '../process/loopback-host.js';
import { knowLongParts } from '../process/secrets.js';
import { oneOf, textTo, type TextSchema } from './schemas.js';
import { optional, withDefault } from './setting.js';

/** Reads a URL whose path and query are secret. */
const secretUrl: TextSchema<URL> = textTo(
  'a URL that begins with https:// (http:// only for this machine: localhost, 127.0.0.1, [::1]), without spaces and fragment',
  (text) => {
    if (!/^https?:\/\/[^\s\p{C}#]+$/iu.test(text) || !URL.canParse(text)) return undefined;
    const url = new URL(text);
    return url.protocol === 'https:' || isLoopbackHost(url.hostname) ? url : undefined;
  },
);

/** Settings of the whole installation about who is told what needs a person. */
export const alertSettings = {
  CALLWEAVE_ALERT_URL: optional({
    schema: secretUrl,
    isSecret: true,
    know: knowLongParts,
    defaultNote: 'nobody is told',
    meaning:
      'The URL to which what needs a person is posted (`docs/alerts.md`), such as an incoming webhook of Slack. Plain http ' +
      'is allowed only for a server on this machine.',
  }),
  CALLWEAVE_ALERT_FORMAT: withDefault({
    schema: oneOf(['json', 'slack']),
    default: 'json',
    meaning: 'The form of these posts: `json`, or `slack` for incoming webhooks of Slack.',
  }),
  CALLWEAVE_ALERT_HEARTBEAT_URL: optional({
    schema: secretUrl,
    isSecret: true,
    know: knowLongParts,
    defaultNote: 'none',
    meaning:
      'The URL of a dead-man’s switch. It gets a GET every minute while what needs a person can be read and is told. It ' +
      'needs `CALLWEAVE_ALERT_URL`.',
  }),
};
