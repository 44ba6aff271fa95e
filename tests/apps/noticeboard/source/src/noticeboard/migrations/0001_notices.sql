CREATE TABLE accounts (
    name     text PRIMARY KEY,
    password text NOT NULL  -- hashed; an empty one lets nobody in
);

CREATE TABLE notices (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title   text NOT NULL,
    body    text NOT NULL,
    author  text NOT NULL REFERENCES accounts,
    created timestamptz NOT NULL DEFAULT now()
);

INSERT INTO accounts (name, password) VALUES ('board', '');
INSERT INTO notices (title, body, author) VALUES
    ('Grüße aus Zürich – ½ Preis', 'Am Samstag kostet der Kaffee im „Café Übersee“ nur 1,50 €.', 'board'),
    ('Réunion de l’équipe : à 10 h', 'Salle Œdipe, au 3ᵉ étage. Apportez vos idées !', 'board');
