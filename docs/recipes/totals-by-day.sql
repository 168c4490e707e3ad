-- The figures of `callweave totals` in the table that load-duckdb.mjs makes. Name your account and its zone.
SELECT
  strftime(startedAt AT TIME ZONE 'America/Los_Angeles', '%Y-%m-%d') AS key,
  count(*) AS calls,
  sum(legs) AS callTransactions,
  coalesce(sum(durationSeconds), 0) AS durationSeconds,
  coalesce(sum(connectSeconds), 0) AS connectSeconds,
  coalesce(sum(revenue), 0) AS revenue,
  count(*) FILTER (transcriptStatus = 'available') AS transcripts
FROM calls
WHERE account = 'invoca'
GROUP BY key
ORDER BY key NULLS LAST;
