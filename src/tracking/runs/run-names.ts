import { randomBelow } from '../../random-id.ts';

const ADJECTIVES =
  'able agile amber ample azure bold brave brisk bright calm candid careful cheerful clear clever cosy crisp curious daring eager early earnest easy even fair famous fleet fond frank fresh gentle glad golden good grand green handy happy hardy honest humble ideal jolly keen kind lively loyal lucid lucky merry mild modest neat nimble noble open patient plucky polite prime proud quick quiet rapid rare ready robust rosy round serene sharp shiny silent silver simple sincere sleek smart smooth snug solid spry steady stout sunny swift tidy upbeat valiant vivid warm wise witty zesty'.split(
    ' ',
  );

const NOUNS =
  'acorn alder ant aspen badger bay beaver beech birch bison brook cedar clover comet condor coral crane cricket cypress daisy deer delta dolphin dove dune eagle elk elm ember falcon fern finch fjord fox frog gecko glacier grove gull harbor hare hawk hazel heron hill ibis iris island ivy jay juniper kestrel koala lagoon lake lark laurel lemur lily linden lotus lynx maple marten meadow meteor mole moss newt oak oasis olive orca orchid osprey otter owl palm panda pebble pine plover pond poplar prairie puffin quail raven reed reef ridge river robin rowan sage salmon sequoia shore sparrow spruce stork stream swan thistle thrush tiger toad trout tulip valley walnut willow wren yak yew'.split(
    ' ',
  );

/** Makes a name for a run that was given none: adjective, noun and a number below 1000. */
export function createRunName(): string {
  return `${ADJECTIVES[randomBelow(ADJECTIVES.length)]}-${NOUNS[randomBelow(NOUNS.length)]}-${randomBelow(1000)}`;
}
