search-ask-data = Ask for data
search-ask-this = Ask for this data
search-ask-search = Search for datasets
search-ask-thanks = Thank you
search-ask-more = Search for something else
search-ask-counted = It is counted, without your name. Publishers see it when at least five have asked for the same.
search-ask-lead = Publishers see what many look for and do not find. Only the words are counted, not who asked; they are shown when at least five have asked.
search-ask-looked-for = You looked for “{ $about }”.
search-filter-publisher = Publisher
search-filter-theme = Theme
search-filter-keyword = Keyword
search-filter-format = Format
search-filter-licence = Licence
search-filter-language = Language
search-filter-place = Place
search-filter-high-value = High-value category
search-filter-quality = Quality
search-filter-access = Access
search-kind-service = API service
search-kind-series = Series
search-publisher-missing = Publisher not stated
search-formats = Formats
search-more-formats = and { $count } more
search-updated = Updated { $ago }
search-late = Late: promised { $promise }
search-no-licence = No licence stated
search-own-terms = Publisher’s own terms
search-page = (page { $number })
search-this = This search
search-description = { $count ->
    [one] { $count } public dataset with its publisher, licence and formats.
   *[other] { $count } public datasets with their publisher, licence and formats.
}
search-narrow = Narrow down
search-filters = Filters
search-facet-datasets = datasets
search-facet-set = datasets, set: choose to take it off
search-nothing = Nothing found
search-found = { $count ->
    [one] { $count } dataset
   *[other] { $count } datasets
}
search-found-for = { $count ->
    [one] { $count } dataset for “{ $words }”
   *[other] { $count } datasets for “{ $words }”
}
search-sort-by = Sort by
search-best-match = Best match
search-title = Title
search-sort = Sort
search-filters-set = Filters that are set
search-take-off = Take off the filter
search-take-all-off = Take all off
search-no-word = No dataset holds “{ $typed }”. These hold <strong>{ $taken }</strong>.
search-few-word = { $count ->
    [one] Only { $count } dataset holds “{ $typed }”. Searched for <strong>{ $taken }</strong> too.
   *[other] Only { $count } datasets hold “{ $typed }”. Searched for <strong>{ $taken }</strong> too.
}
search-did-you-mean = { $count ->
    [one] Did you mean <a>{ $words }</a>? It finds { $count } dataset.
   *[other] Did you mean <a>{ $words }</a>? It finds { $count } datasets.
}
search-some-words = No dataset holds all of these words. These hold some of them.
search-with-all = { $count ->
    [one] { $count } dataset holds all of these words. The others hold some of them.
   *[other] { $count } datasets hold all of these words. The others hold some of them.
}
search-none = No dataset matches.
search-none-words = No dataset matches “{ $words }”.
search-none-filters = No dataset matches with these filters.
search-none-both = No dataset matches “{ $words }” with these filters.
search-without-filters = Search without the filters
search-fewer-words = Try fewer or more general words.
search-spelling = Check the spelling, or try another language: many titles are in their publisher’s own.
search-browse = Browse <a>{ $topic }</a>
search-ask = <a>Ask for this data</a>: publishers see what is looked for and not found.
search-nearest = What comes nearest
search-range = { $first } to { $last } of { $all }
search-has-api = Has an API
search-quality = { $rating ->
    [excellent] Excellent
    [good] Good
    [sufficient] Sufficient
    [bad] Poor
   *[other] { $rating }
}
search-follow = Follow this search
search-ask-public = Make it a public request that others can support
