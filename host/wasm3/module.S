// Puts the module that the build has checked into flash; found through the build's include path.

  .section .module, "a"
  .incbin "logic.wasm"
