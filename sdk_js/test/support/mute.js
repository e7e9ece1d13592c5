/** A module that serves nothing: it forgot to call `serveFunctions`. */
