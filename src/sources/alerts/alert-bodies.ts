import type { AlertMessage } from '../../domain/alerts/alert-message.js';
import { minuteText } from '../../domain/shown-times.js';

/** Returns the documented form, in this order of its names. */
export function jsonBody({ id, account, code, state, message, since, at, url }: AlertMessage): object {
  return { id, account, code, state, message, since, at, url };
}

/** Returns the form that Slack's incoming webhooks take, and those of other chats that follow them. */
export function slackBody({ account, code, state, message, since, at, url }: AlertMessage): object {
  const subject = `${account === null ? '' : `${account}: `}${code}`;
  const lines = [
    `${state === 'raised' ? ':red_circle: Raised' : ':large_green_circle: Resolved'} *${escaped(subject)}*`,
    escaped(message),
    [
      ...(since === null ? [] : [`since ${minuteText(since)}`]),
      `${state} ${minuteText(at)}`,
      ...(url === null ? [] : [`<${escaped(url)}|Temporal>`]),
    ].join(' · '),
  ];
  return { text: lines.filter((line) => line !== '').join('\n'), unfurl_links: false, unfurl_media: false };
}

/** Escapes the three characters that begin links and mentions in Slack's texts. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
