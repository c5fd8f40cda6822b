letter-subject = { $title }: { $subject }
letter-register-subject = schließen Sie Ihre Registrierung ab
letter-register =
    Jemand, hoffentlich Sie, möchte diese Adresse bei { $title } registrieren.

    Dieser Link führt weiter, einmal, innerhalb von { $minutes } Minuten:

    { $url }/register/confirm?token={ $token }

    Wenn Sie es nicht waren, beachten Sie diese Nachricht nicht: Nichts wurde gespeichert.
letter-known-subject = Sie haben ein Konto
letter-known =
    Jemand, vielleicht Sie, wollte diese Adresse bei { $title } registrieren. Sie hat schon ein Konto.

    Anmelden: { $url }/sign-in
    Ein neues Passwort: { $url }/forgotten-password

    Wenn Sie es nicht waren, beachten Sie diese Nachricht nicht: Nichts hat sich geändert.
letter-password-subject = wählen Sie ein neues Passwort
letter-password =
    Jemand, hoffentlich Sie, hat bei { $title } ein neues Passwort angefordert.

    Dieser Link führt weiter, einmal, innerhalb von { $minutes } Minuten:

    { $url }/forgotten-password/new?token={ $token }

    Wenn Sie es nicht waren, beachten Sie diese Nachricht nicht: Ihr Passwort bleibt, wie es ist.
letter-unknown-subject = kein Konto mit dieser Adresse
letter-unknown =
    Jemand, vielleicht Sie, hat bei { $title } ein neues Passwort angefordert. Zu dieser Adresse gibt es kein Konto.

    Registrieren: { $url }/register

    Wenn Sie es nicht waren, beachten Sie diese Nachricht nicht: Nichts wurde gespeichert.
letter-adopt-subject = bestätigen Sie Ihre Adresse
letter-adopt =
    Jemand, hoffentlich Sie, kam von einem anderen Dienst zu { $title } und möchte mit dieser Adresse fortfahren.

    Öffnen Sie diesen Link im selben Browser, innerhalb von { $minutes } Minuten:

    { $url }/sign-in/identity-link?token={ $token }

    Wenn Sie es nicht waren, öffnen Sie ihn nicht. Nichts hat sich geändert.
letter-application-subject = bestätigen Sie Ihre E-Mail-Adresse
letter-application =
    Jemand hat bei { $title } eine Anwendung mit dieser Adresse registriert.

    Wenn Sie es waren, bestätigen Sie die Adresse mit diesem Link; Ihr Schlüssel hat dann die Grenzen des offenen Plans:

    { $url }/developers/verify?token={ $token }

    Wenn Sie es nicht waren, beachten Sie diese Nachricht nicht.
letter-owner-subject = verwalten Sie Ihre Anwendungen
letter-owner =
    Jemand, hoffentlich Sie, möchte die Anwendungen mit dieser Adresse bei { $title } verwalten.

    Dieser Link öffnet sie, einmal, innerhalb von { $minutes } Minuten:

    { $url }/developers/manage?token={ $token }

    Wenn Sie es nicht waren, beachten Sie diese Nachricht nicht: Nichts hat sich geändert.
letter-leak-subject = ein öffentlich gefundener Schlüssel wurde widerrufen
letter-leak =
    Jemand hat uns einen Schlüssel Ihrer Anwendung „{ $name }“ vollständig gezeigt: „{ $key }“, er beginnt mit { $hint }. Wer ihn zeigen kann, könnte ihn benutzen; darum wurde er sofort widerrufen, und Aufrufe damit werden abgewiesen.

    Erstellen Sie hier einen neuen Schlüssel und halten Sie ihn aus öffentlichem Code und öffentlichen Seiten heraus:

    { $url }/developers/applications/{ $id }

    Ihre anderen Schlüssel gelten wie bisher.
letter-token-leak-subject = ein öffentlich gefundenes Veröffentlichungs-Token wurde widerrufen
letter-token-leak =
    Jemand hat uns Ihr Veröffentlichungs-Token „{ $name }“ für { $publisher } vollständig gezeigt; es beginnt mit { $hint }. Wer es zeigen kann, könnte damit veröffentlichen; darum wurde es sofort widerrufen, und Aufrufe damit werden abgewiesen.

    Erstellen Sie hier ein neues Token und halten Sie es aus öffentlichem Code und öffentlichen Seiten heraus. Ihre anderen Tokens gelten wie bisher.

    { $url }/workspace/yours

    Was in letzter Zeit für die Stelle getan wurde, steht im Audit:

    { $url }/workspace/audit
letter-quota-subject = { $percent } % des Kontingents { $policy } verbraucht
letter-quota =
    Ihre Anwendung „{ $name }“ hat { $percent } % ihres Kontingents { $policy } verbraucht: { $quota } Einheiten je Zeitfenster. Das nächste beginnt am { $turns }. { $what }

    Pläne sind für alle gleich: { $url }/transparency
    Verbrauch ansehen: { $url }/developers/applications/{ $id }/usage
letter-quota-refused = Bis dahin werden Aufrufe mit Status 429 abgewiesen.
letter-quota-soon = Noch wird nichts abgewiesen; bei 100 % werden Aufrufe bis dahin mit Status 429 abgewiesen.
letter-errors-subject = { $share } % der Aufrufe von { $name } sind fehlgeschlagen
letter-errors =
    Ihre Anwendung „{ $name }“ hat in der Stunde ab { $hour } { $calls } Aufrufe gemacht. { $failed } davon sind fehlgeschlagen ({ $share } %): Sie wurden mit einem Status von 400 oder darüber beantwortet. Sie wollten es ab { $percent } % wissen. Eine solche Nachricht kommt höchstens einmal am Tag.

    Ansehen, welche: { $url }/developers/applications/{ $id }/usage?period=hour&by=status
letter-silence-subject = keine Aufrufe von { $name } seit { $span }
letter-silence =
    Ihre Anwendung „{ $name }“ hat seit { $span } nichts aufgerufen. { $last } Wenn sie ruhen soll, ist alles gut; je Pause kommt eine Nachricht.
letter-silence-span = { $days ->
    [one] { $days } Tag
   *[other] { $days } Tagen
}
letter-silence-last = Der letzte Aufruf kam vor dem Zeitpunkt { $moment }.
letter-silence-never = Auch vorher kam keiner.
letter-alert-foot =
    Wählen, was Ihnen mitgeteilt wird: { $url }/developers/applications/{ $id }/usage#alerts
    Nachrichten dieser Art mit einem Klick beenden: { $off }
letter-organisation-subject = Einladung zu { $name }
letter-organisation =
    Sie sind eingeladen, bei { $title } die Anwendungen von „{ $name }“ zu betreuen.

    Mit diesem Link nehmen Sie an, einmal, innerhalb von { $days } Tagen:

    { $url }/developers/invitation?token={ $token }

    Wenn Sie nicht wissen, worum es geht, beachten Sie diese Nachricht nicht.
letter-publisher-subject = Einladung von { $name }
letter-publisher =
    Sie sind eingeladen, bei { $title } für „{ $name }“ zu arbeiten. Ihre Rolle: { $role }.

    Melden Sie sich an oder registrieren Sie sich und öffnen Sie diesen Link; damit nehmen Sie an, einmal, innerhalb von { $days } Tagen:

    { $url }/workspace/invitation?token={ $token }

    Wenn Sie nicht wissen, worum es geht, beachten Sie diese Nachricht nicht.
letter-role = { $role ->
    [editor] Bearbeitung
    [reviewer] Prüfung
    [manager] Verwaltung
   *[other] { $role }
}
letter-suspended-subject = Ihre Anwendung ist gesperrt
letter-suspended =
    Ihre Anwendung „{ $name }“ (Nummer { $number }) wurde bei { $title } gesperrt. Aufrufe mit ihren Schlüsseln werden abgewiesen.

    Grundlage: { $ground }
    Grund: { $reason }

    Sie wird bis { $review } wieder geprüft.{ $end }

    Das öffentliche Register sagt dasselbe, mit Nummer und ohne Ihren Namen: { $url }/transparency/register/{ $entry }

    Wenn das falsch ist, antworten Sie dem Team des Portals.
letter-suspended-ends = Die Sperre endet von selbst am { $day }.
letter-reinstated-subject = Ihre Anwendung funktioniert wieder
letter-reinstated =
    Die Sperre Ihrer Anwendung „{ $name }“ (Nummer { $number }) ist vorbei: { $reason }.

    Ihre Schlüssel gelten wie bisher. Das Register behält den Eintrag: { $url }/transparency/register/{ $entry }
letter-plan-subject-later = Ihre Anwendung wechselt am { $day } zum Plan { $to }
letter-plan-subject = Ihre Anwendung ist jetzt im Plan { $to }
letter-plan-later = Ihre Anwendung „{ $name }“ erfüllt die veröffentlichte Regel ihres Plans { $from } nicht mehr. Wenn sie es nicht wieder tut, wechselt sie am { $day } zum Plan { $to }.
letter-plan = Nach den veröffentlichten Regeln wechselte Ihre Anwendung „{ $name }“ vom Plan { $from } zum Plan { $to }.
letter-plan-figures = Die Regel des Plans { $from } verlangt { $needed } der letzten 30 Tage mit mindestens { $units } Einheiten; es waren { $reached }.
letter-plan-foot =
    Regeln und Grenzen sind für alle gleich: { $url }/transparency
    Ihre eigenen Zahlen: { $url }/api/v1/applications/{ $id }/eligibility
letter-confirm-subject = bitte bestätigen
letter-confirm =
    Jemand, hoffentlich Sie, hat bei { $title } angegeben, was Sie möchten: { $what }

    Bestätigen Sie es innerhalb von { $days } Tagen mit diesem Link; vorher geschieht nichts:

    { $url }/confirm?token={ $token }

    Wenn Sie es nicht waren, beachten Sie diese Nachricht nicht: Ihre Adresse wird dann vergessen.
letter-about-dataset = dem Datensatz „{ $name }“ folgen
letter-about-publisher = dem Datenanbieter „{ $name }“ folgen
letter-about-search = der Suche { $name } folgen
letter-about-question = beim Datensatz „{ $name }“ fragen:
letter-about-request = um diese Daten bitten: „{ $name }“
letter-about-support = die Anfrage „{ $name }“ unterstützen
letter-happened = { $kind ->
    [dataset-created] neu
    [dataset-withdrawn] zurückgezogen
    [dataset-restored] wieder öffentlich
    [table-published] neue Daten
   *[other] aktualisiert
}
letter-changes-of = Änderungen bei { $name }
letter-changes-count = { $count ->
    [one] { $count } Änderung bei dem, dem Sie folgen
   *[other] { $count } Änderungen bei dem, dem Sie folgen
}
letter-changed = { $rhythm ->
    [daily] Das hat sich seit gestern geändert:
    [weekly] Das hat sich in der letzten Woche geändert:
   *[other] Das hat sich geändert:
}
letter-changed-gone = Was sich geändert hat, ist nicht mehr öffentlich.
letter-changed-more = … und { $count } weitere Datensätze, die Ihre Seite aufführt.
letter-you-follow = Sie folgen:
letter-stop = beenden: { $link }
letter-changes-foot =
    Alles, dem Sie folgen, und was zugestellt wurde:
    { $page }

    Diese Nachrichten beenden:
    { $link }
letter-question-subject = Ihre Frage wurde beantwortet
letter-question =
    Sie fragten bei „{ $name }“:

    { $question }

    Der Datenanbieter antwortet:

    { $answer }

    Beides steht hier:
    { $url }/datasets/{ $slug }#questions
letter-request-subject = { $state ->
    [open] { $name } ist offen
    [under-review] { $name } wird geprüft
    [planned] { $name } wird erfüllt
    [published] { $name } ist erfüllt: Die Daten sind veröffentlicht
   *[other] { $name } wurde abgelehnt
}
letter-request = { $state ->
    [open] Die Anfrage „{ $name }“ ist offen.
    [under-review] Die Anfrage „{ $name }“ wird geprüft.
    [planned] Die Anfrage „{ $name }“ wird erfüllt.
    [published] Die Anfrage „{ $name }“ ist erfüllt: Die Daten sind veröffentlicht.
   *[other] Die Anfrage „{ $name }“ wurde abgelehnt.
}
letter-request-data = Die Daten:
letter-request-foot = Die Anfrage, und alles, was dazu gesagt wurde:
letter-harvest-subject = { $state ->
    [awaiting] das Harvesting von { $source } braucht Ihre Freigabe
    [failed] das Harvesting von { $source } ist gescheitert
    [cancelled] das Harvesting von { $source } wurde angehalten
    [mend] das Harvesting von { $source } ist fertig, und einige Einträge sind zu berichtigen
    [done] das Harvesting von { $source } ist fertig
   *[other] das Harvesting von { $source } läuft
}
letter-harvest = { $state ->
    [awaiting] Das Harvesting von { $source } braucht Ihre Freigabe.
    [failed] Das Harvesting von { $source } ist gescheitert.
    [cancelled] Das Harvesting von { $source } wurde angehalten.
    [mend] Das Harvesting von { $source } ist fertig, und einige Einträge sind zu berichtigen.
    [done] Das Harvesting von { $source } ist fertig.
   *[other] Das Harvesting von { $source } läuft.
}
letter-harvest-count = { $what ->
    [found] gefunden
    [created] neu
    [updated] aktualisiert
    [unchanged] unverändert
    [deleted] gelöscht
    [refused] abgelehnt
   *[other] gescheitert
}
letter-harvest-braked = Es würde { $braked } von { $before } Datensätzen zurückziehen. Nichts wird zurückgezogen, bevor jemand zustimmt.
letter-harvest-foot =
    Was aus jedem Eintrag wurde, und was zu berichtigen ist:
    { $url }/workspace/jobs/{ $job }

    Wer diese Nachrichten wann bekommt, wird hier entschieden:
    { $url }/workspace/sources/{ $source }/contacts
letter-untitled = ohne Titel
letter-submitted-subject = ein Entwurf von { $publisher } wartet auf Prüfung
letter-submitted = Der Entwurf „{ $name }“ von { $publisher } wurde eingereicht und wartet darauf, dass ihn jemand genehmigt oder zurückgibt.
letter-submitted-held = Der Entwurf „{ $name }“ von { $publisher } wurde eingereicht und wartet auf Prüfung. Die Prüfung auf personenbezogene Daten hält ihn zurück: Sehen Sie zuerst nach, was gefunden wurde, und entscheiden Sie darüber; vorher kann er nicht veröffentlicht werden.
letter-returned-subject = Ihr Entwurf wurde zurückgegeben
letter-returned = Der Entwurf „{ $name }“ von { $publisher } wurde nach der Prüfung zurückgegeben, mit Anmerkungen, was zu verbessern ist.
letter-approved-subject = Ihr Entwurf wurde genehmigt
letter-approved = Der Entwurf „{ $name }“ von { $publisher } wurde genehmigt. Er wird zur vorgesehenen Zeit öffentlich.
letter-published-subject = Ihr Entwurf ist öffentlich
letter-published = Der Entwurf „{ $name }“ von { $publisher } ist veröffentlicht: Alle können ihn lesen.
letter-release-failed-subject = Ihr Entwurf konnte nicht veröffentlicht werden
letter-release-failed = Die Zeit des Entwurfs „{ $name }“ von { $publisher } ist gekommen, und etwas steht im Weg. Es wird wieder versucht.
letter-draft-held-subject = die Prüfung auf personenbezogene Daten hält Ihren Entwurf zurück
letter-draft-held = Der Entwurf „{ $name }“ von { $publisher } scheint personenbezogene Daten zu enthalten. Er wird nicht veröffentlicht, bevor ihn jemand geprüft hat.
letter-held-subject = die Prüfung auf personenbezogene Daten hält etwas zurück
letter-held = Dateien oder Beschreibungen, die die Prüfung auf personenbezogene Daten zurückhält: { $held }. Sie warten auf eine Prüfung.
letter-held-of = Dateien oder Beschreibungen von { $publisher }, die die Prüfung auf personenbezogene Daten zurückhält: { $held }. Sie warten auf eine Prüfung.
letter-work-foot = Diese Nachrichten beenden: { $url }/workspace/yours
