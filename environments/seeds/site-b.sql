-- The board of the harbour office as release 1.0 left it: what a deploy there really migrates.
CREATE TABLE migrations (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now());
INSERT INTO migrations (name, applied) VALUES
    ('0001_notices', '2026-03-02 08:00+01'),
    ('0002_attachments', '2026-05-11 08:00+02');

CREATE TABLE accounts (name text PRIMARY KEY, password text NOT NULL);
INSERT INTO accounts (name, password) VALUES ('board', ''), ('hafenmeister', '');

CREATE TABLE notices (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title      text NOT NULL,
    body       text NOT NULL,
    author     text NOT NULL REFERENCES accounts,
    created    timestamptz NOT NULL DEFAULT now(),
    attachment text
);
INSERT INTO notices (title, body, author, created) VALUES
    ('Grüße aus Zürich – ½ Preis', 'Am Samstag kostet der Kaffee im „Café Übersee“ nur 1,50 €.', 'board', '2026-03-02 09:00+01'),
    ('Kran 3 fällt aus', 'Bis Mittwoch löscht Kran 2. Bitte früher anmelden!', 'hafenmeister', '2026-06-15 06:30+02');
