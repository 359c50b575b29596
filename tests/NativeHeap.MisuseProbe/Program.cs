// Runs cells of the matrix, one after the other, and says of each how far it has come and what became of it:
//
//     NativeHeap.MisuseProbe MODE FIRST     from the cell of that number on, to the next that has a process of its own
//
//     12 Wrong                       phases, before they begin
//     12 = AtOnce The address …      the outcome, and what was reported
//     12 ! …                         what must not be, with exit code 1
//
// The number of a cell is its place in Cell.All. Who started this goes on behind the cell at which it ended.

using System;
using System.Globalization;
using System.IO;
using System.Linq;

using NativeHeap.MisuseProbe;

if (args is not [string name, string first] || Mode.All.FirstOrDefault(mode => mode.Name == name) is not { } mode || !int.TryParse(first, CultureInfo.InvariantCulture, out int number))
{
    Console.Error.WriteLine("NativeHeap.MisuseProbe MODE FIRST");
    return 2;
}

using StreamWriter output = new(Console.OpenStandardOutput()) { AutoFlush = true };
do
{
    Cell cell = Cell.All[number];
    Misuse misuse = new(mode, cell.Kind, phase => output.WriteLine($"{number} {phase}"));
    try
    {
        Outcome outcome = misuse.Run(cell.Pattern);
        output.WriteLine($"{number} = {outcome} {misuse.Report.ReplaceLineEndings(" ")}");
    }
    catch (Exception error)
    {
        output.WriteLine($"{number} ! {error.ToString().ReplaceLineEndings(" ")}");
        return 1;
    }
}
while (!Cell.All[number].Pattern.IsFar && ++number < Cell.All.Count && !Cell.All[number].Pattern.IsFar);

return 0;
