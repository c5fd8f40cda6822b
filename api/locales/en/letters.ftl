# What the portal’s letters say.

letter-subject = { $title }: { $subject }
letter-register-subject = finish your registration
letter-register =
    Somebody, we hope you, wants to register this address at { $title }.

    This link leads on, once, within { $minutes } minutes:

    { $url }/register/confirm?token={ $token }

    If it was not you, ignore this letter: nothing has been kept.
letter-known-subject = you have an account
letter-known =
    Somebody, perhaps you, tried to register this address at { $title }. It has an account already.

    Sign in: { $url }/sign-in
    A new password: { $url }/forgotten-password

    If it was not you, ignore this letter: nothing has changed.
letter-password-subject = choose a new password
letter-password =
    Somebody, we hope you, asked for a new password at { $title }.

    This link leads on, once, within { $minutes } minutes:

    { $url }/forgotten-password/new?token={ $token }

    If it was not you, ignore this letter: your password stays as it is.
letter-unknown-subject = no account with this address
letter-unknown =
    Somebody, perhaps you, asked for a new password at { $title }. There is no account with this address.

    Register: { $url }/register

    If it was not you, ignore this letter: nothing has been kept.
letter-adopt-subject = confirm your address
letter-adopt =
    Somebody, we hope you, came to { $title } from another service and wants to go on with this address.

    Open this link in the same browser, within { $minutes } minutes:

    { $url }/sign-in/identity-link?token={ $token }

    If it was not you, do not open it. Nothing has changed.
letter-application-subject = confirm your e-mail address
letter-application =
    Somebody registered an application with this address at { $title }.

    If it was you, open this link to confirm the address; your key then has the limits of the open plan:

    { $url }/developers/verify?token={ $token }

    If it was not you, ignore this letter.
letter-owner-subject = manage your applications
letter-owner =
    Somebody, we hope you, asked to manage the applications that carry this address at { $title }.

    This link opens them, once, within { $minutes } minutes:

    { $url }/developers/manage?token={ $token }

    If it was not you, ignore this letter: nothing has changed.
letter-leak-subject = a key was found in public and revoked
letter-leak =
    Somebody showed us a key of your application "{ $name }" in full: "{ $key }", which begins with { $hint }. Whoever can show it could use it, so it was revoked at once; calls with it are refused.

    Make a new key here, and keep it out of public code and pages:

    { $url }/developers/applications/{ $id }

    Your other keys work as before.
letter-token-leak-subject = a publishing token was found in public and revoked
letter-token-leak =
    Somebody showed us your publishing token "{ $name }" for { $publisher } in full; it begins with { $hint }. Whoever can show it could publish with it, so it was revoked at once; calls with it are refused.

    Make a new token here, and keep it out of public code and pages. Your other tokens work as before.

    { $url }/workspace/yours

    What was done for the publisher lately stands in the audit:

    { $url }/workspace/audit
letter-quota-subject = { $percent } % of the quota { $policy } used
letter-quota =
    Your application "{ $name }" has used { $percent } % of its quota { $policy }: { $quota } units a window. The window turns at { $turns }. { $what }

    Plans are the same for everybody: { $url }/transparency
    See what you used: { $url }/developers/applications/{ $id }/usage
letter-quota-refused = Calls are refused with status 429 until then.
letter-quota-soon = Nothing is refused yet; at 100 % calls are refused with status 429 until then.
letter-errors-subject = { $share } % of the calls of { $name } failed
letter-errors =
    Your application "{ $name }" made { $calls } calls in the hour from { $hour }. { $failed } of them failed ({ $share } %): they were answered with a status of 400 or above. You asked to be told from { $percent } % on. There is at most one such letter a day.

    See which failed: { $url }/developers/applications/{ $id }/usage?period=hour&by=status
letter-silence-subject = no calls of { $name } for { $span }
letter-silence =
    Your application "{ $name }" has made no call for { $span }. { $last } If it was meant to rest, all is well; you get one letter for each silence.
letter-silence-span = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
letter-silence-last = The last came before { $moment }.
letter-silence-never = None came before either.
letter-alert-foot =
    Choose of what you are told: { $url }/developers/applications/{ $id }/usage#alerts
    End letters of this kind with one click: { $off }
letter-organisation-subject = join { $name }
letter-organisation =
    You are invited to look after the applications of "{ $name }" at { $title }.

    This link accepts, once, within { $days } days:

    { $url }/developers/invitation?token={ $token }

    If you do not know what this is about, ignore this letter.
letter-publisher-subject = work for { $name }
letter-publisher =
    You are invited to be { $role } of "{ $name }" at { $title }.

    Sign in, or register, and open this link; it accepts, once, within { $days } days:

    { $url }/workspace/invitation?token={ $token }

    If you do not know what this is about, ignore this letter.
letter-role = { $role ->
    [editor] editor
    [reviewer] reviewer
    [manager] manager
   *[other] { $role }
}
letter-suspended-subject = your application is suspended
letter-suspended =
    Your application "{ $name }" (number { $number }) was suspended at { $title }. Calls with its keys are refused.

    Ground: { $ground }
    Reason: { $reason }

    It is looked at again by { $review }.{ $end }

    The public register says the same, by number and without your name: { $url }/transparency/register/{ $entry }

    If this is wrong, answer the portal's team.
letter-suspended-ends = It ends by itself on { $day }.
letter-reinstated-subject = your application works again
letter-reinstated =
    The suspension of your application "{ $name }" (number { $number }) is over: { $reason }.

    Its keys work as before. The register keeps the entry: { $url }/transparency/register/{ $entry }
letter-plan-subject-later = your application moves to plan { $to } on { $day }
letter-plan-subject = your application is on plan { $to }
letter-plan-later = Your application "{ $name }" does not meet the published rule of its plan { $from } any more. Unless it does again, it moves to plan { $to } on { $day }.
letter-plan = By the published rules your application "{ $name }" moved from plan { $from } to plan { $to }.
letter-plan-figures = The rule of plan { $from } asks for { $needed } of the last 30 days with at least { $units } units; there were { $reached }.
letter-plan-foot =
    Rules and limits are the same for everybody: { $url }/transparency
    Your own figures: { $url }/api/v1/applications/{ $id }/eligibility
letter-confirm-subject = please confirm
letter-confirm =
    Somebody, we hope you, said at { $title } that you want to { $what }

    Open this link within { $days } days to confirm it; nothing happens before:

    { $url }/confirm?token={ $token }

    If it was not you, ignore this letter: your address is then forgotten.
letter-about-dataset = follow the dataset "{ $name }"
letter-about-publisher = follow the publisher "{ $name }"
letter-about-search = follow the search { $name }
letter-about-question = ask this at the dataset "{ $name }":
letter-about-request = ask for this data: "{ $name }"
letter-about-support = support the request "{ $name }"
letter-happened = { $kind ->
    [dataset-created] new
    [dataset-withdrawn] withdrawn
    [dataset-restored] public again
    [table-published] new data
   *[other] updated
}
letter-changes-of = changes of { $name }
letter-changes-count = { $count ->
    [one] { $count } change of what you follow
   *[other] { $count } changes of what you follow
}
letter-changed = { $rhythm ->
    [daily] This changed since yesterday:
    [weekly] This changed in the last week:
   *[other] This changed:
}
letter-changed-gone = What changed is not public any more.
letter-changed-more = … and { $count } more datasets, which your page lists.
letter-you-follow = You follow:
letter-stop = stop: { $link }
letter-changes-foot =
    Everything that you follow, and what was delivered:
    { $page }

    End these letters:
    { $link }
letter-question-subject = your question was answered
letter-question =
    You asked at "{ $name }":

    { $question }

    The publisher answers:

    { $answer }

    Both stand here:
    { $url }/datasets/{ $slug }#questions
letter-request-subject = { $state ->
    [open] { $name } is open
    [under-review] { $name } is looked into
    [planned] { $name } will be fulfilled
    [published] { $name } is fulfilled: the data is published
   *[other] { $name } was declined
}
letter-request = { $state ->
    [open] The request "{ $name }" is open.
    [under-review] The request "{ $name }" is looked into.
    [planned] The request "{ $name }" will be fulfilled.
    [published] The request "{ $name }" is fulfilled: the data is published.
   *[other] The request "{ $name }" was declined.
}
letter-request-data = The data:
letter-request-foot = The request, and everything said about it:
letter-harvest-subject = { $state ->
    [awaiting] the harvest of { $source } needs your approval
    [failed] the harvest of { $source } failed
    [cancelled] the harvest of { $source } was stopped
    [mend] the harvest of { $source } is done, and some records need mending
    [done] the harvest of { $source } is done
   *[other] the harvest of { $source } is under way
}
letter-harvest = { $state ->
    [awaiting] The harvest of { $source } needs your approval.
    [failed] The harvest of { $source } failed.
    [cancelled] The harvest of { $source } was stopped.
    [mend] The harvest of { $source } is done, and some records need mending.
    [done] The harvest of { $source } is done.
   *[other] The harvest of { $source } is under way.
}
letter-harvest-count = { $what ->
    [found] found
    [created] created
    [updated] updated
    [unchanged] unchanged
    [deleted] deleted
    [refused] refused
   *[other] failed
}
letter-harvest-braked = It would withdraw { $braked } of { $before } datasets. Nothing is withdrawn until somebody approves.
letter-harvest-foot =
    What became of each record, and what to mend:
    { $url }/workspace/jobs/{ $job }

    Who gets these letters, and when, is decided here:
    { $url }/workspace/sources/{ $source }/contacts
letter-untitled = without a title
letter-submitted-subject = a draft of { $publisher } waits for review
letter-submitted = The draft "{ $name }" of { $publisher } was handed in and waits for somebody who approves it or gives it back.
letter-submitted-held = The draft "{ $name }" of { $publisher } was handed in and waits for review. The personal-data gate holds it: see first what was found, and decide about that; it cannot be published before.
letter-returned-subject = your draft was given back
letter-returned = A reviewer gave the draft "{ $name }" of { $publisher } back, with comments on what to mend.
letter-approved-subject = your draft was approved
letter-approved = The draft "{ $name }" of { $publisher } was approved. It will be public at its time.
letter-published-subject = your draft is public
letter-published = The draft "{ $name }" of { $publisher } is published: everybody can read it.
letter-release-failed-subject = your draft could not be released
letter-release-failed = The time of the draft "{ $name }" of { $publisher } has come, and something stands in its way. It is tried again.
letter-draft-held-subject = the gate for personal data holds your draft
letter-draft-held = The draft "{ $name }" of { $publisher } seems to hold personal data. It is not published before a reviewer has looked at it.
letter-held-subject = the gate for personal data holds something
letter-held = Files or descriptions that the gate for personal data holds: { $held }. They wait for a reviewer.
letter-held-of = Files or descriptions of { $publisher } that the gate for personal data holds: { $held }. They wait for a reviewer.
letter-work-foot = To end these letters: { $url }/workspace/yours
