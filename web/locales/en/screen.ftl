screen-title = Checked for personal data
screen-verdict-pass = Nothing found
screen-verdict-notes = Passed, with remarks
screen-verdict-released = Released by a reviewer
screen-verdict-told = Personal data found
screen-reports-only = This portal tells what is found and holds nothing back.
screen-description = Description
screen-nothing = Nothing found.
screen-when = Checked on { $day } by rules { $rules }
screen-more = { $files ->
    [one] { $files } further file is in the full report.
   *[other] { $files } further files are in the full report.
}
screen-all = The full report as data
screen-kind = { $kind ->
    [email] e-mail addresses
    [phone] telephone numbers
    [iban] bank accounts
    [payment-card] payment cards
    [national-id] national identifiers
    [passport] passport numbers
    [driving-licence] driving licences
    [vehicle-plate] vehicle plates
    [ip-address] internet addresses
    [mac-address] network addresses of devices
    [device-id] identifiers of devices
    [coordinates] precise positions
    [birth-date] dates of birth
    [person-name] names of persons
    [home-address] home addresses
    [health] health
    [special-category] special categories
    [free-text] texts about persons
    [credentials] sign-in names or passwords
    [public-contact] contacts of public bodies
    [re-identification] combinations that single out persons
    [small-cells] very small counts
    [document-property] names in document properties
   *[other] other
}
screen-released = { $reason ->
    [public-office] A reviewer let it pass, because the persons hold a public office:
    [legal-duty] A reviewer let it pass, because a law orders its publication:
    [consent] A reviewer let it pass, because the persons have agreed:
    [anonymised] A reviewer let it pass, because it was made unrecognisable before:
    [historical] A reviewer let it pass, because the persons are dead:
   *[not-personal] A reviewer found that this is no personal data:
}
