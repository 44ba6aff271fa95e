CREATE TABLE notices (id integer PRIMARY KEY, title varchar(40) NOT NULL);
INSERT INTO notices VALUES (1, 'Anschlag'), (2, 'Äpfel'), (3, 'Öl');
