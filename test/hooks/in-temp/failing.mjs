const { printAtExit, watch } = await import(process.env.RECORDER);
watch(['failing']);
const error = await import('failing').catch((reason) => reason.message);
const again = await import('failing').catch((reason) => reason.message);
printAtExit(() => ({ error, again }));
