licence-all = Licences
licence-all-lead = Ce que vous pouvez faire des données, en termes simples, et les jeux de données qui l’autorisent.
licence-text = Le texte de la licence
