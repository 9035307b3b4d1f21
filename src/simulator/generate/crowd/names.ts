/** Common names: the people they are joined to are invented. Together they name 10,000 people, no two alike. */
export const GIVEN: readonly string[] =
  `Anna Lena Laura Julia Lisa Sarah Katharina Marie Sophie Johanna Eva Nina Jana Vanessa Melanie Sabine Petra Andrea Claudia
Birgit Heike Silke Anja Tanja Sandra Nicole Stefanie Christina Kerstin Martina Renate Ingrid Elke Ute Angelika Barbara Gabriele
Cornelia Doris Karin Franziska Isabel Miriam Rebecca Carolin Theresa Clara Paula Emma Greta Thomas Michael Andreas Stefan
Christian Martin Markus Peter Frank Jan Daniel Sebastian Alexander Florian Tobias Philipp Matthias Patrick Dennis Marcel
Benjamin Jonas Lukas Felix Maximilian Simon Fabian David Niklas Moritz Jakob Anton Emil Oskar Karl Heinrich Wolfgang Klaus
Jürgen Uwe Bernd Rainer Dieter Gerhard Werner Helmut Manfred Horst Günter Volker`.split(/\s+/);

export const SURNAMES: readonly string[] =
  `Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder
Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause Meier Lehmann Schmid Schulze
Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel
Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter
Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel Heinrich Brandt Haas Schreiber Graf Schulte Dietrich
Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Pfeiffer Gerber`.split(/\s+/);

export const DEPARTMENTS: readonly (readonly [department: string, title: string])[] = [
  ['Vertrieb', 'Vertriebsmitarbeiter'],
  ['Fertigung', 'Anlagenführer'],
  ['Logistik', 'Disponent'],
  ['Einkauf', 'Einkäufer'],
  ['Buchhaltung', 'Sachbearbeiter'],
  ['Entwicklung', 'Ingenieur'],
  ['Kundendienst', 'Techniker'],
  ['Personal', 'Referent'],
];
