// Shows openapi.json. All of it becomes text nodes, so nothing of it is read as markup.

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const DEPTH_MAX = 6;

function node(name, ...children) {
  const made = document.createElement(name);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return made;
}

// Words between backticks are code.
function words(text) {
  return (text ?? '').split('`').map((part, index) => (index % 2 ? node('code', part) : part));
}

function resolve(api, of) {
  if (!of || !of.$ref) return of;
  return of.$ref.slice(2).split('/').reduce((at, key) => at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], api);
}

function kind(schema) {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const type = [schema.type ?? 'any'].flat().join(' | ');
  return schema.format ? `${type} (${schema.format})` : type;
}

// A schema as an indented text, close to JSON with types for values.
function outline(api, schema, indent = '', depth = 0) {
  if (schema?.$ref && depth >= DEPTH_MAX) return schema.$ref.split('/').pop();
  const of = resolve(api, schema) ?? {};
  const choices = of.oneOf ?? of.anyOf;
  if (choices) return choices.map((one) => outline(api, one, indent, depth + 1)).join(` |\n${indent}`);
  if (of.allOf) return of.allOf.map((one) => outline(api, one, indent, depth + 1)).join(` &\n${indent}`);
  if (of.type === 'array' || of.items) return `[${outline(api, of.items, indent, depth + 1)}]`;
  if (!of.properties) return kind(of);
  const inner = `${indent}  `;
  const fields = Object.entries(of.properties).map(([name, field]) => {
    const optional = of.required?.includes(name) ? '' : '?';
    return `${inner}${name}${optional}: ${outline(api, field, inner, depth + 1)}`;
  });
  return `{\n${fields.join('\n')}\n${indent}}`;
}

function bodies(api, content) {
  return Object.entries(content ?? {}).map(([type, body]) =>
    node('div', node('code', type), node('pre', outline(api, body.schema))));
}

function table(head, rows) {
  const cells = (tag, row) => node('tr', ...row.map((cell) => node(tag, cell)));
  return node('table', node('thead', cells('th', head)), node('tbody', ...rows.map((row) => cells('td', row))));
}

function parameters(api, list) {
  if (!list?.length) return [];
  const rows = list.map((one) => resolve(api, one)).map((one) => [
    node('code', one.name), one.in + (one.required ? ', required' : ''),
    kind(resolve(api, one.schema) ?? {}), node('span', ...words(one.description)),
  ]);
  return [node('h3', 'Parameters'), table(['Name', 'Where', 'Type', 'What'], rows)];
}

function answer(api, [status, given]) {
  const of = resolve(api, given);
  const isProblem = of.content?.['application/problem+json'];
  const head = node('p', node('b', `${status} `), ...words(of.description), isProblem ? ' (a problem)' : '');
  return node('div', head, ...(isProblem ? [] : bodies(api, of.content)));
}

function operation(api, path, method, of) {
  const summary = node('summary', node('b', method.toUpperCase()), node('code', path), ' ', ...words(of.summary));
  const whole = node('details', summary, node('p', ...words(of.description)), ...parameters(api, of.parameters));
  if (of.requestBody) whole.append(node('h3', 'Body'), ...bodies(api, resolve(api, of.requestBody).content));
  whole.append(node('h3', 'Answers'), ...Object.entries(of.responses ?? {}).map((one) => answer(api, one)));
  whole.id = of.operationId;
  return whole;
}

function show(api, main) {
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((one) => item[one])) {
      const tag = item[method].tags?.[0] ?? 'other';
      groups.set(tag, [...(groups.get(tag) ?? []), operation(api, path, method, item[method])]);
    }
  }
  const about = (api.info.description ?? '').split('\n\n').map((text) => node('p', ...words(text)));
  main.replaceChildren(...about);
  for (const [tag, operations] of [...groups].sort()) {
    main.append(node('h2', tag), ...operations);
  }
  main.append(node('h2', 'A problem'), node('pre', outline(api, { $ref: '#/components/schemas/Problem' })));
  const asked = document.getElementById(location.hash.slice(1));
  if (asked) { asked.open = true; asked.scrollIntoView(); }
}

const main = document.getElementById('main');
try {
  const response = await fetch('openapi.json');
  if (!response.ok) throw new Error(`status ${response.status}`);
  show(await response.json(), main);
} catch (error) {
  main.replaceChildren(node('p', `The description could not be read (${error.message}). Load the page again.`));
}
main.setAttribute('aria-busy', 'false');
