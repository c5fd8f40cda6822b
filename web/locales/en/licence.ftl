licence-all = Licences
licence-all-lead = What you may do with the data, in plain words, and which datasets allow it.
licence-text = The licence itself
