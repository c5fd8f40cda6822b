service-level-description = How well the portal serves, from the calls that it answered.
service-level-lead = How well the portal serves, from the calls that it really answered. Nothing here is a probe’s opinion.
service-level-last = { $window ->
    [day] The last 24 hours
    [week] The last 7 days
   *[quarter] The last 90 days
}
service-level-no-call = No call yet.
service-level-available = <strong>{ $share }</strong> of { $calls } answers were no failure of the portal. A failure is a status of 500 or above; the portal’s own pages are not counted in.
service-level-class-table = Table of service by kind of call: { $window }
service-level-by-kind = By kind of call
service-level-kind = Kind
service-level-calls = Calls
service-level-available-head = Available
service-level-itself = the portal itself
service-level-refusal-table = Table of refusals by plan: { $window }
service-level-refused-by-plan = Refused, by plan
service-level-refused = Refused
service-level-share = Share
service-level-fresh = Fresh data
service-level-no-source = No source is harvested on a schedule.
service-level-fresh-text = { $fresh } of { $all } scheduled sources were harvested well within twice their interval.
service-level-latest = The latest good harvest ended { $moment }.
service-level-oldest = The source that waits longest was harvested { $moment }.
service-level-true = Are these numbers true?
service-level-true-text = Every call is a record in a file before its answer ends. The records are counted over again, and must come to what was added to the sums, to the sums, and to what key owners are told.
service-level-not-compared = Nothing was compared yet.
service-level-agree = <strong>They agree</strong> on every day that was compared.
service-level-differ = <strong>They differ by { $calls } calls.</strong> The operator has been alarmed.
service-level-comparisons = Table of comparisons
service-level-day = Day
service-level-compared = Compared
service-level-files = Files counted over
service-level-recount = Recount
service-level-added = Added
service-level-sums = Sums
service-level-told = Owners are told
service-level-difference = Difference
service-level-of = { $part } of { $whole }
service-level-still-written = Files that are still written are counted over when they are closed.
service-level-unreadable = Files that cannot be read
service-level-unreadable-text = They were put aside; what is in them is missing from the sums until they are mended.
service-level-data = <a>Service level as data</a>, <a2>comparisons as data</a2>, <a3>use of this portal as open data</a3>
