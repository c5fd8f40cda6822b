series-all = Datensatzreihen
series-all-lead = Datensätze, die zusammengehören, etwa einer für jedes Jahr.
series-members = Die Datensätze dieser Reihe
