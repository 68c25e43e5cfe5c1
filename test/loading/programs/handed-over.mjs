import { autolog } from 'autolog';
import OpenAI from 'openai';
import { useLibraries } from './use-libraries.cjs';

autolog({ modules: { openai: OpenAI }, excludeFlavors: ['langchain'] });
await useLibraries({ OpenAI });
