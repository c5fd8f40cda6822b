quality-title = Qualität der Beschreibung
quality-points = <strong>{ $points }</strong> von { $most } Punkten
quality-points-mean = <strong>{ $points }</strong> von { $most } Punkten im Durchschnitt
quality-stars = { $stars } von 5 <a>Sternen für offene Daten</a>
quality-of = { $points } von { $most }
quality-mend-first = Zuerst verbessern
quality-broken = Links, die nicht antworten
quality-all = Alle Kennzahlen als Daten
quality-findability = Leicht zu finden
quality-accessibility = Erreichbar
quality-interoperability = Für Programme lesbar
quality-reusability = Klar nachnutzbar
quality-contextuality = Gut beschrieben
quality-excellent = Ausgezeichnet
quality-good = Gut
quality-sufficient = Ausreichend
quality-poor = Schwach
quality-gain = { $points ->
    [one] { $points } Punkt
   *[other] { $points } Punkte
}
quality-gain-in = { $datasets ->
    [one] { $points } Punkte in { $datasets } Datensatz
   *[other] { $points } Punkte in { $datasets } Datensätzen
}
quality-links = { $broken ->
    [one] { $broken } von { $all } Links antwortet nicht.
   *[other] { $broken } von { $all } Links antworten nicht.
}
quality-advice = { $metric ->
    [keyword] Ergänzen Sie Schlagwörter, nach denen Leute suchen würden.
    [theme] Nennen Sie mindestens ein Thema, am besten mit seiner Adresse aus der Themenliste der EU.
    [spatial] Sagen Sie, welchen Ort oder welches Gebiet die Daten abdecken.
    [temporal] Sagen Sie, welchen Zeitraum die Daten abdecken.
    [access-url-answers] Berichtigen Sie die Zugangsadresse: Sie antwortet nicht, oder es gibt keine.
    [download-url] Nennen Sie eine Adresse, von der sich die Datei selbst herunterladen lässt.
    [download-url-answers] Berichtigen Sie die Download-Adresse: Sie antwortet nicht, oder es gibt keine.
    [format] Sagen Sie, welches Format jede Datei hat.
    [media-type] Nennen Sie den Medientyp jeder Datei, etwa text/csv.
    [format-from-vocabulary] Verwenden Sie ein Format aus der Liste der EU und einen bei der IANA registrierten Medientyp.
    [non-proprietary] Bieten Sie die Daten auch in einem offenen Format an, etwa CSV, JSON oder GeoPackage.
    [machine-readable] Bieten Sie die Daten in einem Format an, das Programme lesen können, etwa CSV, JSON oder XML.
    [profile-compliance] Füllen Sie aus, was das Profil DCAT-AP verlangt: Titel und Beschreibung, den Namen des Datenanbieters und für jede Distribution eine Adresse.
    [licence] Sagen Sie, unter welcher Lizenz die Daten genutzt werden dürfen.
    [licence-from-vocabulary] Nennen Sie die Lizenz mit ihrer Adresse, etwa bei Creative Commons oder aus der Liste der EU.
    [access-rights] Sagen Sie, ob die Daten öffentlich, eingeschränkt oder nicht öffentlich sind.
    [access-rights-from-vocabulary] Nennen Sie die Zugangsrechte mit ihrer Adresse aus der Liste der EU.
    [contact-point] Nennen Sie eine Stelle für Fragen, mit Postfach oder Formular.
    [publisher] Nennen Sie den Datenanbieter.
    [rights] Nennen Sie Rechte, die über die Lizenz hinausgehen, oder dass es keine gibt.
    [byte-size] Nennen Sie die Größe jeder Datei in Bytes.
    [issued] Sagen Sie, wann die Daten zuerst veröffentlicht wurden.
    [modified] Sagen Sie, wann die Daten zuletzt geändert wurden.
   *[other] { $advice }
}
