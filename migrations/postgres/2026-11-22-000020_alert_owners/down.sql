DROP TABLE alert_letters;
DROP TABLE application_alerts;
DROP TABLE alert_marks;
