using System;
using System.Runtime.CompilerServices;

// Buffers on the stack are written before they are read; clearing them first would be work on the slow paths for nothing.
[module: SkipLocalsInit]

[assembly: CLSCompliant(false)]
