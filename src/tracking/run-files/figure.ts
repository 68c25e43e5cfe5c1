import { extname } from 'node:path';
import { validateArtifactFile } from '../../artifacts/artifact-path.ts';
import { AutologError, errorMessage, invalidParameter } from '../../errors.ts';

/**
 * A chart: SVG or HTML text, a plotly figure (`{ data, layout }`), or a Vega or Vega-Lite specification (with
 * `$schema`).
 */
export type Figure = string | Readonly<Record<string, unknown>>;

/** Scripts that draw charts in a page; fetched when the page is looked at. */
const PLOTLY = ['https://cdn.jsdelivr.net/npm/plotly.js-dist-min@3'];
const VEGA = ['vega@6', 'vega-lite@6', 'vega-embed@7'].map((name) => `https://cdn.jsdelivr.net/npm/${name}`);

/**
 * Text of a chart as its file's name asks: `.html` a page with the data in it, `.json` the description, `.svg` and `.html`
 * texts as they are.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE when chart and name do not go together.
 */
export function formatFigure(figure: Figure, file: string): string {
  const extension = extname(validateArtifactFile(file)).toLowerCase();
  if (typeof figure === 'string') return requireMarkup(figure, extension, file);
  if (typeof figure !== 'object' || figure === null) {
    throw invalidParameter(
      `Cannot log the figure '${file}': found ${figure === null ? 'null' : typeof figure}; pass SVG text, or an object for plotly or Vega.`,
    );
  }
  if (extension === '.json') return toJson(figure, file);
  if (extension !== '.html') {
    throw invalidParameter(`Cannot log the figure '${file}': nothing here draws it; name it .html or .json.`);
  }
  return toPage(figure, toJson(figure, file).replaceAll('<', '\\u003c'), file);
}

function requireMarkup(text: string, extension: string, file: string): string {
  const isSvg = /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg[\s>]/i.test(text);
  if (extension === '.svg' && isSvg) return text;
  if (extension === '.html' && /^\s*</.test(text)) return text;
  throw invalidParameter(
    `Cannot log the figure '${file}': the text is no ${extension === '.svg' ? 'SVG' : 'markup of that kind'}; name SVG .svg, pages .html, and log other texts with logText.`,
  );
}

function toPage(figure: Readonly<Record<string, unknown>>, json: string, file: string): string {
  const { $schema: schema, data } = figure;
  if (typeof schema === 'string' && /\/schema\/vega(-lite)?\//.test(schema)) {
    return page(VEGA, `vegaEmbed('#figure', ${json});`);
  }
  if (Array.isArray(data)) {
    return page(
      PLOTLY,
      `const figure = ${json};\nPlotly.newPlot('figure', figure.data, figure.layout, figure.config);`,
    );
  }
  throw invalidParameter(
    `Cannot log the figure '${file}': it is neither plotly's ({ data, layout }) nor Vega's ($schema); pass one of them, or a page of your own.`,
  );
}

function page(scripts: readonly string[], code: string): string {
  const lines = [
    '<!doctype html>',
    '<meta charset="utf-8">',
    ...scripts.map((url) => `<script src="${url}"></script>`),
    '<div id="figure" style="width: 100%; height: 100vh"></div>',
    `<script>\n${code}\n</script>`,
  ];
  return `${lines.join('\n')}\n`;
}

function toJson(figure: object, file: string): string {
  try {
    return JSON.stringify(figure, (_, value: unknown) =>
      ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Uint8Array) : value,
    );
  } catch (error) {
    const message = `Cannot log the figure '${file}': it has no JSON form (${errorMessage(error)}); pass plain data.`;
    throw new AutologError('INVALID_PARAMETER_VALUE', message, { cause: error });
  }
}
