quality-title = Quality of the description
quality-points = <strong>{ $points }</strong> of { $most } points
quality-points-mean = <strong>{ $points }</strong> of { $most } points on average
quality-stars = { $stars } of 5 <a>open data stars</a>
quality-of = { $points } of { $most }
quality-mend-first = Mend first
quality-broken = Links that do not answer
quality-all = All indicators as data
quality-findability = Easy to find
quality-accessibility = Can be reached
quality-interoperability = Programs can read it
quality-reusability = Clear to reuse
quality-contextuality = Well described
quality-excellent = Excellent
quality-good = Good
quality-sufficient = Sufficient
quality-poor = Poor
quality-gain = { $points ->
    [one] { $points } point
   *[other] { $points } points
}
quality-gain-in = { $datasets ->
    [one] { $points } points in { $datasets } dataset
   *[other] { $points } points in { $datasets } datasets
}
quality-links = { $broken ->
    [one] { $broken } of { $all } links does not answer.
   *[other] { $broken } of { $all } links do not answer.
}
quality-advice = { $metric ->
    [keyword] Add keywords that people would search for.
    [theme] Name at least one theme, best by its address in the EU’s list of data themes.
    [spatial] Say which place or area the data cover.
    [temporal] Say which period the data cover.
    [access-url-answers] Mend the access address: it does not answer, or there is none.
    [download-url] Give an address from which the file itself can be downloaded.
    [download-url-answers] Mend the download address: it does not answer, or there is none.
    [format] Say in which format each file is.
    [media-type] Give the media type of each file, such as text/csv.
    [format-from-vocabulary] Use a format of the EU’s list of file types and a media type registered with IANA.
    [non-proprietary] Offer the data in an open format too, such as CSV, JSON or GeoPackage.
    [machine-readable] Offer the data in a format that programs can read, such as CSV, JSON or XML.
    [profile-compliance] Fill what the DCAT-AP profile demands: a title and a description, a publisher’s name, and an address for each distribution.
    [licence] Say under which licence the data may be used.
    [licence-from-vocabulary] Name the licence by its address, such as one of Creative Commons or of the EU’s list.
    [access-rights] Say whether the data are public, restricted or not public.
    [access-rights-from-vocabulary] Give the access rights by their address in the EU’s list.
    [contact-point] Name an office to ask, with a mailbox or a form.
    [publisher] Name the publisher.
    [rights] State rights that go beyond the licence, or that there are none.
    [byte-size] Give the size of each file in bytes.
    [issued] Say when the data were first published.
    [modified] Say when the data were last changed.
   *[other] { $advice }
}
