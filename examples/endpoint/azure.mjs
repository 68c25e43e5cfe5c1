const safe = { filtered: false, severity: 'safe' };
const contentFilterResults = { hate: safe, self_harm: safe, sexual: safe, violence: safe };
const promptFilterResults = [{ prompt_index: 0, content_filter_results: contentFilterResults }];

/** Adds to a completion what Azure's content filter says of its prompt and of each choice. */
export function addFilterResults(completion) {
  return {
    ...completion,
    choices: completion.choices.map((choice) => ({
      ...choice,
      content_filter_results: contentFilterResults,
    })),
    prompt_filter_results: promptFilterResults,
  };
}

/** The chunk without choices, id or model that Azure sends before the first one of a stream. */
export const filterChunk = {
  choices: [],
  created: 0,
  id: '',
  model: '',
  object: '',
  prompt_filter_results: promptFilterResults,
};
