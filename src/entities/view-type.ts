/** Which entities a search looks at: those in use, those in the bin, or both. */
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';
