series-all = Dataset series
series-all-lead = Datasets that belong together, such as one for every year.
series-members = The datasets of this series
