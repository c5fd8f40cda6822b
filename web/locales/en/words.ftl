# Numbers, times and the words that many rooms share.

words-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
words-month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
words-month-of-year = { $month } { $year }
words-day-of-year = { $day } { $month } { $year }
words-moment = { $day }, { $time } UTC
words-just-now = just now
words-today = today
words-yesterday = yesterday
words-span = { $unit ->
    [year] { $n ->
        [one] { $n } year
       *[other] { $n } years
    }
    [month] { $n ->
        [one] { $n } month
       *[other] { $n } months
    }
    [week] { $n ->
        [one] { $n } week
       *[other] { $n } weeks
    }
    [day] { $n ->
        [one] { $n } day
       *[other] { $n } days
    }
    [hour] { $n ->
        [one] { $n } hour
       *[other] { $n } hours
    }
    [minute] { $n ->
        [one] { $n } minute
       *[other] { $n } minutes
    }
   *[second] { $n ->
        [one] { $n } second
       *[other] { $n } seconds
    }
}
words-ago = { $unit ->
    [year] { $n ->
        [one] { $n } year ago
       *[other] { $n } years ago
    }
    [month] { $n ->
        [one] { $n } month ago
       *[other] { $n } months ago
    }
    [week] { $n ->
        [one] { $n } week ago
       *[other] { $n } weeks ago
    }
    [day] { $n ->
        [one] { $n } day ago
       *[other] { $n } days ago
    }
    [hour] { $n ->
        [one] { $n } hour ago
       *[other] { $n } hours ago
    }
    [minute] { $n ->
        [one] { $n } minute ago
       *[other] { $n } minutes ago
    }
   *[second] { $n ->
        [one] { $n } second ago
       *[other] { $n } seconds ago
    }
}
words-in = { $unit ->
    [year] { $n ->
        [one] in { $n } year
       *[other] in { $n } years
    }
    [month] { $n ->
        [one] in { $n } month
       *[other] in { $n } months
    }
    [week] { $n ->
        [one] in { $n } week
       *[other] in { $n } weeks
    }
    [day] { $n ->
        [one] in { $n } day
       *[other] in { $n } days
    }
    [hour] { $n ->
        [one] in { $n } hour
       *[other] in { $n } hours
    }
    [minute] { $n ->
        [one] in { $n } minute
       *[other] in { $n } minutes
    }
   *[second] { $n ->
        [one] in { $n } second
       *[other] in { $n } seconds
    }
}
words-per = { $unit ->
    [year] { $n ->
        [1] per year
       *[other] every { $n } years
    }
    [month] { $n ->
        [1] per month
       *[other] every { $n } months
    }
    [week] { $n ->
        [1] per week
       *[other] every { $n } weeks
    }
    [day] { $n ->
        [1] per day
       *[other] every { $n } days
    }
    [hour] { $n ->
        [1] per hour
       *[other] every { $n } hours
    }
    [minute] { $n ->
        [1] per minute
       *[other] every { $n } minutes
    }
   *[second] { $n ->
        [1] per second
       *[other] every { $n } seconds
    }
}
words-every = { $unit ->
    [year] { $n ->
        [1] every year
       *[other] every { $n } years
    }
    [month] { $n ->
        [1] every month
       *[other] every { $n } months
    }
    [week] { $n ->
        [1] every week
       *[other] every { $n } weeks
    }
    [day] { $n ->
        [1] every day
       *[other] every { $n } days
    }
    [hour] { $n ->
        [1] every hour
       *[other] every { $n } hours
    }
    [minute] { $n ->
        [1] every minute
       *[other] every { $n } minutes
    }
   *[second] { $n ->
        [1] every second
       *[other] every { $n } seconds
    }
}
words-frequency = { $frequency ->
    [continuously] continuously
    [hourly] hourly
    [daily] daily
    [several-times-a-week] several times a week
    [weekly] weekly
    [every-two-weeks] every two weeks
    [several-times-a-month] several times a month
    [monthly] monthly
    [every-two-months] every two months
    [quarterly] quarterly
    [three-times-a-year] three times a year
    [twice-a-year] twice a year
    [yearly] yearly
    [every-two-years] every two years
    [every-three-years] every three years
    [every-four-years] every four years
    [every-five-years] every five years
    [every-ten-years] every ten years
    [irregularly] irregularly
    [when-needed] when needed
    [no-further-updates-planned] no further updates planned
   *[other] { $words }
}
words-licence-free = Use it for anything, without conditions.
words-licence-attribution = Use it for anything, but name the source.
words-licence-share-alike = Use it for anything, name the source and share what you make on the same terms.
words-licence-restricted = There are limits on use; read the licence first.
words-licence-unknown = The publisher’s own terms apply; read them first.
words-licence-missing = The publisher states no licence; ask before you publish anything made from it.
words-language = { $tag ->
    [ar] Arabic
    [bg] Bulgarian
    [ca] Catalan
    [cs] Czech
    [cy] Welsh
    [da] Danish
    [de] German
    [el] Greek
    [en] English
    [es] Spanish
    [et] Estonian
    [eu] Basque
    [fa] Persian
    [fi] Finnish
    [fr] French
    [ga] Irish
    [gl] Galician
    [he] Hebrew
    [hr] Croatian
    [hu] Hungarian
    [is] Icelandic
    [it] Italian
    [ja] Japanese
    [lb] Luxembourgish
    [lt] Lithuanian
    [lv] Latvian
    [mt] Maltese
    [nb] Norwegian (Bokmål)
    [nl] Dutch
    [nn] Norwegian (Nynorsk)
    [no] Norwegian
    [pl] Polish
    [pt] Portuguese
    [rm] Romansh
    [ro] Romanian
    [ru] Russian
    [sk] Slovak
    [sl] Slovenian
    [sr] Serbian
    [sv] Swedish
    [tr] Turkish
    [uk] Ukrainian
    [zh] Chinese
   *[other] another language ({ $tag })
}
words-only-in = This text exists only in: { $language }
words-theme = { $code ->
    [AGRI] Agriculture, fisheries, forestry and food
    [ECON] Economy and finance
    [EDUC] Education, culture and sport
    [ENER] Energy
    [ENVI] Environment
    [GOVE] Government and public sector
    [HEAL] Health
    [INTR] International issues
    [JUST] Justice, legal system and public safety
    [REGI] Regions and cities
    [SOCI] Population and society
    [TECH] Science and technology
    [TRAN] Transport
    [OP_DATPRO] Provisional data
   *[other] { $code }
}
