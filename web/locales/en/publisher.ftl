publisher-list-description = The bodies that publish their data here.
publisher-list-none = No publisher yet.
publisher-list-count = { $count ->
    [one] { $count } body publishes data here.
   *[other] { $count } bodies publish data here.
}
publisher-search-by-name = Search publishers by name
publisher-list-empty = Publishers appear here with their first dataset.
publisher-list-no-match = No publisher’s name holds “{ $words }”. <a>Show all</a>
publisher-datasets = { $count ->
    [one] { $count } dataset
   *[other] { $count } datasets
}
publisher-description = { $count ->
    [one] { $count } public dataset of { $name }.
   *[other] { $count } public datasets of { $name }.
}
publisher-part-of = Part of { $name }
publisher-homepage = Home page
publisher-search-own = Search the datasets of { $name }
publisher-search-own-short = Search this publisher’s datasets
publisher-empty = This publisher has no dataset here at the moment.
publisher-about-data = About this publisher’s data
publisher-themes = Themes
publisher-formats = Formats
publisher-as-data = As data
