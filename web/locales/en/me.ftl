me-present-password = Your present password
me-back = Back to your account
me-change-password = Change your password
me-signed-out-elsewhere = Everywhere else you will be signed out.
me-remove-factor = Take the second factor away
me-remove-factor-lead = Signing in will ask for less, so others get in more easily. Everywhere else you will be signed out.
me-remove = Take it away
me-erase = Erase your account
me-erase-mine = Erase my account
me-erase-lead = Your account goes with everything about you. Applications that nobody shares with you are closed, and their keys stop working at once. It cannot be undone.
me-title = Your account
me-export = Export everything as JSON
me-ways-in = How you sign in
me-password-set = set
me-none = none
me-password-none = none
me-set-password = Set a password
me-second-factor = Second factor
me-factor-in-use = { $count ->
    [one] in use, { $count } recovery code left
   *[other] in use, { $count } recovery codes left
}
me-linked = linked { $day }
me-unlink = Unlink { $provider }
me-only-way = your only way in
me-not-linked = not linked
me-link = Link { $provider }
me-sessions = Where you are signed in
me-sign-out-everywhere = Sign out everywhere
me-sessions-table = Table of sessions
me-device = Device
me-since = Since
me-last-used = Last used
me-end-it = End it
me-this-one = this one
me-end = End
me-end-on = : { $device }
me-kept = What we keep about you
me-kept-lead = Everything, with its reason and its end. Reading data leaves no trace here: visits are counted without saying whose they were.
me-kept-table = Table of what is kept
me-what = What
me-content = Content
me-why = Why
me-until = Until
me-letters = Letters
me-letters-language = Language
me-letters-save = Save
me-letters-text = Letters come in this language, and pages speak it in this browser.
me-alerts = Letters about your applications
me-alerts-table = Table of letters about your applications
me-alerts-application = Application
me-alerts-told = You are told
me-alerts-change = Change
me-alerts-none = nothing
me-alerts-quota = when { $shares } of a quota is used
me-alerts-errors = when { $percent } % of an hour’s calls fail
me-alerts-silence = { $days ->
    [one] after { $days } day without a call
   *[other] after { $days } days without a call
}
me-alerts-choose = Choose
me-alerts-off = Switch off
me-part = { $name ->
    [set_up] set up
    [in_use_since] in use since
    [recovery_codes_left] recovery codes left
    [provider] provider
    [subject] subject
    [email] e-mail address
    [linked_at] linked
    [last_used_at] last used
    [device] device
    [began] began
    [last_used] last used
    [name] name
    [plan] plan
    [created_at] made
    [letters_at_quota_percents] letters at shares of the quota, in percent
    [letters_at_error_percent] letter at a share of errors, in percent
    [letters_after_silent_days] letter after days of silence
    [organisation] organisation
    [role] role
    [question] question
    [asked_at] asked
    [title] title
   *[other] { $words }
}: { $value }
