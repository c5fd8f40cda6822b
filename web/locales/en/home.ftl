home-title = Public data for everybody
home-browse = { $count ->
    [one] Browse the one dataset
   *[other] Browse all { $count } datasets
}
home-browse-catalogue = Browse the catalogue
home-publishers = { $count ->
    [one] from { $count } publisher
   *[other] from { $count } publishers
}
home-topics = Browse by topic
home-empty = Nothing is published yet. As soon as an agency’s catalogue is harvested, its datasets appear here.
home-side = Publishers and developers
home-all-publishers = All publishers
home-building = Building something?
home-building-text = Every dataset here is also an API. Try it without a key; a free key takes less than a minute.
home-what = What you can do here
home-find = Find and download
home-find-text = Search every agency’s catalogue at once, see who publishes it, how fresh it is and what its licence allows. No account, no cookies.
home-build = Build services
home-build-text = One documented API over everything. Keys are instant and free, limits are honest and shown in every answer.
home-fair = Check that it is fair
home-fair-text = One public tariff for all. <a>Every limit, and every change to it</a>, stands in public.
home-most-used = Most used
home-most-used-note = Requests of the last thirty days, where at least five callers stand behind them.
home-ask = Ask, and be answered
home-ask-text = Ask a publisher at any dataset, and <a>ask for data</a> that is missing. Questions and answers stand in public.
home-follow = Stay up to date
home-follow-text = Follow a dataset, a publisher or a search: by letter, webhook or feed. No account, one click to stop.
home-requests = { $count ->
    [one] { $count } request
   *[other] { $count } requests
}
