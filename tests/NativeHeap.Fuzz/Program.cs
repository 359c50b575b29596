// Fuzzing of the public API against a model, guided by coverage.
//
//     NativeHeap.Fuzz run FOLDER SECONDS [SEED]   fuzzes; the folder keeps what has been reached (corpus.txt) and found (found.txt)
//     NativeHeap.Fuzz replay FILE                 runs the inputs of a file, such as Cases.txt, and looks at every structure behind each
//     NativeHeap.Fuzz minimize FOLDER FILE        writes into a file those of its inputs and the folder's that together reach all edges

using System;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;

using NativeHeap.Fuzz;

switch (args)
{
    case ["run", string folder, string seconds, ..]:
        return Session.Run(Path.GetFullPath(folder), TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 1);
    case ["worker", string folder, string seconds, string seed]:
        return Worker.Run(folder, TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)), int.Parse(seed, CultureInfo.InvariantCulture));
    case ["minimize", string folder, string file]:
        return Session.Minimize(Path.GetFullPath(folder), Path.GetFullPath(file));
    case ["reduce", string folder, string file]:
        return Worker.Minimize(folder, file);
    case ["replay", string file]:
        foreach (ImmutableArray<byte> input in Corpus.Read(file))
        {
            Console.WriteLine(Corpus.Text(input));
            FuzzTarget.Run(input, isThorough: true);
        }

        return 0;
    default:
        Console.Error.WriteLine("NativeHeap.Fuzz run FOLDER SECONDS [SEED] | replay FILE | minimize FOLDER FILE");
        return 2;
}
