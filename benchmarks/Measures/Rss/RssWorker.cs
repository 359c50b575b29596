// The worker's side of `rss`. For an experiment and a subject it says that it is ready, then does each step that it is told to, and in between sleeps. For a size it
// answers once, without being asked.

using System;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Rss;

internal static class RssWorker
{
    public const string Allocate = "allocate";
    public const string Free = "free";
    public const string CountLivePages = "live";

    private const string Done = "done";

    public static void Serve(string[] purpose)
    {
        switch (purpose)
        {
            case [string size]:
                Console.WriteLine(Footprint.Measure(SizeCell.Parse(size)));
                break;
            case [string experiment, string subject]:
                Serve(UntypedSubjects.Select(subject, new Making(Experiment.All.First(made => made.Name == experiment))));
                break;
            default:
                throw WorkerProcess.Misused();
        }
    }

    private static void Serve(Population population)
    {
        Console.WriteLine(Done);
        WorkerProcess.Answer(request =>
        {
            switch (request)
            {
                case Allocate:
                    population.Allocate();
                    return Done;
                case Free:
                    population.Free();
                    return Done;
                default:
                    return population.LivePages().ToString(CultureInfo.InvariantCulture);
            }
        });
    }

    private readonly struct Making(Experiment experiment) : IUntypedUser<Population>
    {
        public unsafe Population Use<TAllocation>()
            where TAllocation : struct, IUntyped
        {
            Compilation.OfAllocator(typeof(TAllocation));

            // Compiles the steps, and loads the library, if it is one.
            Population<TAllocation> none = new(experiment with { Objects = 0 });
            none.Allocate();
            none.Free();
            TAllocation.Free(null);
            return new Population<TAllocation>(experiment);
        }
    }
}
