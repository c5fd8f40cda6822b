words-told-alarm-differ = Segments, sums and owners’ pages differ by { $a } requests; see /service-level
words-told-alarm-quarantine = { $a } usage segments cannot be read; they are in <code>usage/quarantine</code>
words-told-alarm-unsynced = Usage segments cannot be synced to the disk
words-told-alarm-not-summed = Usage has not been summed for { $a } s
words-told-plan-keyless = For everybody, without asking: counted by network address, which is never stored
words-told-plan-starter = A key at once, before the e-mail address is confirmed
words-told-plan-open = The ordinary plan: a key whose owner confirmed the e-mail address
words-told-plan-high-volume = For services with sustained heavy use; the published rule decides, nobody else
words-told-verification-rule = A member has confirmed an e-mail address whose host is the organisation’s domain, or lies below it, and the domain is not one where anybody gets a mailbox
words-told-passes-on = It passes by itself on { $a }
words-told-screen-addresses = Streets and numbers, in rows that are persons
words-told-screen-positions = Positions to ten metres or less, in rows that are persons
words-told-screen-nobodys-business = The column’s name or codes tell of what is nobody’s business, in rows that are persons
words-told-screen-small-counts = { $a } counts of one to four, beside what tells persons apart
words-told-screen-texts-some = { $a } of { $b } texts
words-told-screen-texts-persons = Persons are named or told of in { $a } of { $b } texts at least
words-told-screen-names = 
    By the column’s name, the form of its values and known names these are { $kind ->
        [names-of-persons] names of persons
        [given-names] given names
        [family-names] family names
       *[other] { $a }
    }
words-told-screen-by-name = 
    The column is called what { $kind ->
        [a-bank-account] a bank account
        [a-driving-licence] a driving licence
        [a-passport] a passport
        [a-password] a password
        [a-payment-card] a payment card
        [an-identifier-of-devices] an identifier of devices
        [an-identifier-of-persons] an identifier of persons
       *[other] { $a }
    } is called, and its values could be
words-told-screen-iban = The values have the form, length and check digits of an IBAN
words-told-screen-cards = { $a } % of the values are in an issuer’s range and pass Luhn’s check
words-told-screen-travel = There are lines of machine-readable travel documents
words-told-screen-plates = { $a } % of the values are written as plates of vehicles
words-told-screen-ip = The values are addresses of the public internet
words-told-screen-mac = The values are network addresses of devices
words-told-screen-mail-office = The mailboxes are those of bodies: named after a function, the body itself, or at a public body’s domain
words-told-screen-mail-public = The mailboxes are at public bodies’ domains
words-told-screen-mail-personal = { $a } of { $b } addresses are named after persons, or at providers that people use privately
words-told-screen-phone = { $a } % of the values are telephone numbers by calling code, plan or grouping
words-told-screen-birth = The column is called a date of birth, and its values are dates
words-told-screen-birth-range = Dates from { $a } to { $b } beside persons
words-told-screen-national = { $a } % of the values are { $b } by length, form and check; by chance it would be { $c } %
words-told-screen-property = A document’s properties name a person; they go out with the file
words-told-screen-groups = The smallest group that agrees in these columns has { $a } rows; { $b } % of all rows are alone
words-told-read-encoding = text in { $a }
words-told-read-other = 
    columns separated by { $kind ->
        [commas] commas
        [semicolons] semicolons
        [tabs] tabs
        [vertical-bars] vertical bars
        [colons] colons
        [spaces] spaces
       *[other] { $a }
    }
words-told-read-decimals = decimals with a comma
words-told-read-no-header = no header row: columns are numbered
words-told-reason-many = more fields than columns
words-told-reason-few = fewer fields than columns
words-told-reason-quote = a quote that is never closed
words-told-reason-long = a field longer than the limit
words-told-reason-nul = a byte that no text holds (NUL)
words-told-note-below = Below the table: { $a }
words-told-note-above = Above the table: { $a }
words-told-note-empty-rows = Empty rows that were left out: { $a }
words-told-note-headers = Rows that repeat the header and were left out: { $a }
words-told-note-bytes = Some bytes are not valid { $a }; they are shown as U+FFFD
words-told-note-unique = Uniqueness was checked for the first { $a } rows
words-told-note-no-header = The file has no header; its columns are named by their place
words-told-note-wider = Rows have { $a } fields where the header names { $b }; the others are named by their place
words-told-note-pattern = The pattern that the published schema gives for <code>{ $a }</code> cannot be used
words-told-note-hex = Bytes are given as hexadecimal digits: { $a }
words-told-note-nan = <code>{ $a }</code>: { $b } values that are NaN or infinite are empty
words-told-note-no-crs = No coordinate system is named; the positions were taken as WGS 84
words-told-note-turned = The shapes were turned from their projection into WGS 84
words-told-note-no-dbf = There is no <code>.dbf</code> beside the shapes, so there are no attributes
words-told-note-years = The years of <code>{ $a }</code> have two digits: 69 to 99 are read as 1969 to 1999, others as 2000 to 2068
words-told-me-email = E-mail address
words-told-me-name = Name
words-told-me-role = Role
words-told-me-made = Account made
words-told-me-confirmed = Address confirmed
words-told-me-language = Language of letters
words-told-me-password = Password
words-told-me-factor = Second factor
words-told-me-identity = Linked identity
words-told-me-session = Session
words-told-me-application = Application
words-told-me-membership = Membership
words-told-me-letters-waiting = Letters to you on their way
words-told-me-tries = Tries to sign in
words-told-me-letters-counted = Letters counted
words-told-me-confirmed-address = Confirmed address
words-told-me-follow = Follow
words-told-me-delivery = Delivery
words-told-me-question = Question
words-told-me-request = Request for data
words-told-me-support = Support of a request
words-told-why-sign-in-write = to sign in and to write to you
words-told-why-address = to address you; only you and operators see it
words-told-why-role = to know what you may do
words-told-why-age = to tell how old the account is
words-told-why-yours = to know that it is yours
words-told-why-language = to write to you in the language that you read
words-told-why-sign-in = to sign in
words-told-why-codes = to check the codes of your app
words-told-why-provider = to sign in through that provider
words-told-why-session = to keep you signed in
words-told-why-keys = to give you keys and show you their use
words-told-why-share = to share applications with others
words-told-why-send = to send them
words-told-why-guess = to stop those who guess passwords
words-told-why-flood = to keep others from flooding your mailbox
words-told-why-follow-write = to write to you about what you follow
words-told-why-changes = to tell you of changes
words-told-why-delivered = to show you what was delivered and what failed
words-told-why-answer = to tell you the answer; nobody else learns that it is yours
words-told-why-count = to count you once, and to tell you the answer
words-told-until-erased = until you erase your account
words-told-until-factor = until you take it away
words-told-until-unlinked = until you unlink it
words-told-until-latest = { $a } at the latest
words-told-until-closed = until you close it or erase your account; sums of its use stay, under its number alone
words-told-until-leave = until you leave
words-told-until-sent = until they are sent, two days at most
words-told-until-quarter = a quarter of an hour
words-told-until-day = a day
words-told-until-90-days = 90 days
words-told-until-nothing = until you follow, ask and support nothing any more
words-told-until-unfollow = until you stop following
words-told-until-taken-back = until you take it back, or leave
words-told-value-hash = an argon2id hash; the password itself is not kept
words-told-value-digest = a keyed digest of your address, in memory
