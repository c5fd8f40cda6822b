usage-calls = Calls
usage-units = Units
usage-data = Data
usage-errors = Errors
usage-refused = Refused
usage-from-cache = From cache
usage-unchanged = Unchanged
usage-use = Use
usage-lead = Every answered call, counted within seconds. Operators see these numbers and no others.
usage-small-numbers = Numbers behind which there are fewer than five callers are left out, and with them the smallest of the others, so that nobody shows through.
usage-in-all = In all
usage-portal-errors = Errors of the portal
usage-refused-free = Refused, free of charge
usage-time = Time to answer
usage-time-text = half within { $p50 }, 95 % within { $p95 }, 99 % within { $p99 }
usage-over-time = Over time
usage-by = By
usage-period-minute = minute
usage-period-hour = hour
usage-period-day = day
usage-kept = (UTC). Minutes are kept for 7 days, hours for 90 days, days for ever.
usage-no-call = No call yet.
usage-chart = Calls from { $from } to { $to }, up to { $most } in one step
usage-bar = { $calls ->
    [one] { $step }: { $calls } call
   *[other] { $step }: { $calls } calls
}
usage-table-time = Table of use over time
usage-from = From
usage-same = <a>The same as data</a>, <a2>as CSV</a2>
usage-by-what = { $by ->
    [operation] By operation
    [dataset] By dataset
    [status] By status
   *[class] By kind of call
}
usage-table-by = Table of use: { $by }
usage-head = { $by ->
    [operation] Operation
    [dataset] Dataset
    [status] Status
   *[class] Kind of call
}
usage-title = Use of { $name }
usage-agency-title = Use of the data of { $name }
usage-no-dataset = no dataset in particular
usage-troubles = Errors and refusals
usage-troubles-chart = Errors and refusals from { $from } to { $to }, up to { $most } in one step
usage-times-chart = Time to answer from { $from } to { $to }: median, 95th and 99th percentile, up to { $most }
usage-times-legend = p50 solid, p95 dashed, p99 dotted
usage-alerts = Letters
usage-alerts-lead = Letters go to { $email }, in the language of the account that has this address. Each goes once.
usage-alerts-lead-owners = Letters go to the owners of the organisation, to each in the language of their account. Each goes once.
usage-alerts-quota = When so much of a quota is used
usage-alerts-quota-hint = One letter for each share and window.
usage-alerts-percent = { $percent } %
usage-alerts-errors = When calls fail
usage-alerts-errors-hint = The share of an hour’s calls that are answered with a status of 400 or above, from { $fewest } calls on. One letter a day at most.
usage-alerts-never = no letter
usage-alerts-from-percent = from { $percent } % on
usage-alerts-silence = When no call comes any more
usage-alerts-silence-hint = One letter for each silence.
usage-alerts-after-days = { $days ->
    [one] after { $days } day
   *[other] after { $days } days
}
usage-alerts-save = Save
usage-alerts-off = Switch all letters off
usage-alert-kind-quota = a share of a quota is used
usage-alert-kind-errors = calls fail
usage-alert-kind-silence = no call comes any more
usage-alert-end-title = End these letters?
usage-alert-end-text = Letters about { $name }, when { $kind }.
usage-alert-end = End them
usage-alert-ended-title = These letters have ended
usage-alert-ended-text = You are no longer written to about { $name } when { $kind }. Everything else stays as it is.
