using System;
using System.Linq;

using Swarm.Engine;

using Xunit;

namespace Swarm.Tests.Engine;

public class WorkerThreadsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_part_runs_once_a_job(int parts)
    {
        using WorkerThreads threads = new(parts);
        Job job = new(parts);
        for (int round = 1; round <= 100; round++)
        {
            threads.Run(job);
            Assert.All(job.Runs, runs => Assert.Equal(round, runs));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void What_a_part_throws_is_thrown_by_the_job_and_the_next_one_runs(int part)
    {
        using WorkerThreads threads = new(3);
        Job job = new(3) { Failing = part };
        Assert.Equal($"part {part}", Assert.Throws<InvalidOperationException>(() => threads.Run(job)).Message);

        job.Failing = -1;
        threads.Run(job);

        Assert.Equal(5, job.Runs.Sum());
    }

    private sealed class Job(int parts) : IJob
    {
        public int[] Runs { get; } = new int[parts];

        public int Failing { get; set; } = -1;

        public void Run(int part)
        {
            if (part == Failing)
            {
                throw new InvalidOperationException($"part {part}");
            }

            Runs[part]++;
        }
    }
}
