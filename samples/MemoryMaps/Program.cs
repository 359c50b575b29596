// Draws the pictures of docs/allocators.md: where each allocator lays the blocks of one workload. And the packages' icon.
//
//     dotnet run -c Release --project samples/MemoryMaps -- [FOLDER] [SEED]
//
// The folder is docs/pictures, and the seed that of the pictures there, if left out. Prints the figures that the pictures and their page state. Exit codes: 0 drawn, 2 a wrong command line.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

using MemoryMaps;
using MemoryMaps.Pictures;

const int Calls = 6_000;
const int LiveBytes = 740 * 1024;
const int BlockBytes = 1 << 20;

int seed = 2026;
if (args.Length > 2 || (args.Length == 2 && !int.TryParse(args[1], NumberStyles.Integer, CultureInfo.InvariantCulture, out seed)))
{
    Console.Error.WriteLine("MemoryMaps [FOLDER] [SEED]: the folder for the pictures, docs/pictures if left out, and a number that the workload is made from.");
    return 2;
}

string folder = args.Length > 0 ? args[0] : Path.Combine("docs", "pictures");
_ = Directory.CreateDirectory(folder);
IReadOnlyList<Call> calls = Workload.Make(seed, Calls, LiveBytes);

// The heap first, while all memory of the process is in one piece.
Console.WriteLine(HeapPicture.Draw(seed, Path.Combine(folder, "heap.png")));
RoutesPicture.Draw(seed, Path.Combine(folder, "routes.png"));
Console.WriteLine(TinyPicture.Draw(calls, Path.Combine(folder, "tiny.png")));
Console.WriteLine(LinearPicture.Draw(calls, Path.Combine(folder, "linear.png")));
Console.WriteLine(string.Join('\n', FitsPicture.Draw(calls, BlockBytes, Path.Combine(folder, "fits.png"), Path.Combine(folder, "fits-over-time.png"))));
Console.WriteLine(CompactingPicture.Draw(calls, BlockBytes, Path.Combine(folder, "compacting.png")));
IconPicture.Draw(Path.Combine(folder, "icon.png"));
return 0;
